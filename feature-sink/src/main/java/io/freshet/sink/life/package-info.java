/** What became of one image, told from the topics. */
package io.freshet.sink.life;
