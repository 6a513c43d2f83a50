/** The example with PostgreSQL: a table per space that pgvector searches. */
package io.freshet.client.pgvector;
