/** Text and bytes of records, held to their limits. */
package io.freshet.ingest.text;
