/** Searching the stored features with an image that someone brings along. */
package io.freshet.sink.search;
