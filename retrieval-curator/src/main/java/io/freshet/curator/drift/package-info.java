/** How the stream changes from window to window. Plain Java. */
package io.freshet.curator.drift;
