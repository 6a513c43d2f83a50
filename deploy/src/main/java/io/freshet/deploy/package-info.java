/** The {@code freshet} command. */
package io.freshet.deploy;
