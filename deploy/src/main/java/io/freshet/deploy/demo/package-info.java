/** The demonstration: a local web site, a crawler, and the loop around real images. */
package io.freshet.deploy.demo;
