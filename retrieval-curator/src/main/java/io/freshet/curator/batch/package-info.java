/** What stands in the topics, once over, for whoever curates it as a batch. */
package io.freshet.curator.batch;
