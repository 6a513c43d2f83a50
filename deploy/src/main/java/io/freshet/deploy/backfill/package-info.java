/** What a backfill of features will cost, and how far it is. */
package io.freshet.deploy.backfill;
