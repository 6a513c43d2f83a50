/** The curation job: its graph and the operator that closes windows. */
package io.freshet.curator.job;
