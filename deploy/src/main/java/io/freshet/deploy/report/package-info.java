/** What a run did: a table, a JSON file, a page with pictures. */
package io.freshet.deploy.report;
