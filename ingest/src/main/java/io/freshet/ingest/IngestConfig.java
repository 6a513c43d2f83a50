package io.freshet.ingest;

import io.freshet.ingest.fetch.FetchConfig;
import io.freshet.ingest.fetch.UrlConfig;
import io.freshet.ingest.html.HtmlConfig;
import io.freshet.ingest.intake.DecodeConfig;
import java.util.Optional;

/**
 * Section {@code ingest}.
 *
 * @param pcaHashModel {@code bundled} or a file; without one images get no PCA hash
 */
public record IngestConfig(
    HtmlConfig html,
    UrlConfig urls,
    FetchConfig fetch,
    DecodeConfig decode,
    Optional<String> pcaHashModel) {}
