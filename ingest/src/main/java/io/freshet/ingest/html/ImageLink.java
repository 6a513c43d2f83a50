package io.freshet.ingest.html;

import java.util.Optional;

/**
 * An image that a page shows.
 *
 * @param url absolute where the page's text could be resolved, else as the page wrote it; not
 *     vetted
 * @param altText alternative text, never empty when present
 */
public record ImageLink(String url, Optional<String> altText) {}
