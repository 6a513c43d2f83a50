/** Stored images curated once over, by the strategies of the stream. */
package io.freshet.deploy.curation;
