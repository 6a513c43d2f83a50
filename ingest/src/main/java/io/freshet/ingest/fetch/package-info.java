/**
 * Getting bytes from servers that are not trusted, for URLs that strangers wrote. Start at {@link
 * io.freshet.ingest.fetch.ImageFetcher}.
 */
package io.freshet.ingest.fetch;
