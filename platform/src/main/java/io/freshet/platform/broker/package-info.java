/** A real Kafka broker inside this process, for machines that have no Kafka of their own. */
package io.freshet.platform.broker;
