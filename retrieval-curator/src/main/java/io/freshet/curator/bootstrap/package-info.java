/** The model that curates before there is one of our own. */
package io.freshet.curator.bootstrap;
