package io.freshet.platform.http;

/**
 * A method and the paths that a server answers it on.
 *
 * @param method such as {@code GET}; whoever answers that answers {@code HEAD} too
 * @param path with {@code {name}} for one segment and {@code <name>} for one or more
 */
public record Route(String method, String path) {}
