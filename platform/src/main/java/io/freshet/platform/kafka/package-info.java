/** Topics as the contract wants them, and clients that keep its promises. */
package io.freshet.platform.kafka;
