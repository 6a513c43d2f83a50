package io.freshet.deploy.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the command line asked of a demo.
 *
 * @param data directory of the image archives
 * @param state directory of everything durable, and of the report
 * @param duration how long the crawl runs
 * @param browser open the console
 * @param json where a copy of report.json goes
 */
public record DemoOptions(
    Path data, Path state, Duration duration, boolean browser, Optional<Path> json) {}
