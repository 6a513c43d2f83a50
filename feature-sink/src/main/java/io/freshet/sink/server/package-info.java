/** The registry server and the web console. */
package io.freshet.sink.server;
