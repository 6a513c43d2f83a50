/** The images that a page shows. */
package io.freshet.ingest.html;
