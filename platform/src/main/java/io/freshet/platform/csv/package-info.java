/** Tables that people write by hand or export from a spreadsheet. */
package io.freshet.platform.csv;
