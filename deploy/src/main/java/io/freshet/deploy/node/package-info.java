/** All roles of a deployment in one process. */
package io.freshet.deploy.node;
