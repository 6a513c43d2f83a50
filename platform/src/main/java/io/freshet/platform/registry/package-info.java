/**
 * Published models: immutable, numbered, verified directories and the aliases that point at them.
 * The format is specified in {@code docs/registry-format.md}.
 */
package io.freshet.platform.registry;
