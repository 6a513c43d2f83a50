/** A window of images and the seeds' part in it: what is curated, and why. Plain Java. */
package io.freshet.curator.window;
