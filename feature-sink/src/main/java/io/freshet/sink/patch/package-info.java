/** What a release sees in an image: its patch tokens as colours. */
package io.freshet.sink.patch;
