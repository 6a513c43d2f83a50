/** The feature job: every unique image embedded by the champion. */
package io.freshet.sink.feature;
