/** The independent checker of delivery guarantees. */
package io.freshet.deploy.audit;
