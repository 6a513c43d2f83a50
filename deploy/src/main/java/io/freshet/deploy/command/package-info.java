/** Subcommands. */
package io.freshet.deploy.command;
