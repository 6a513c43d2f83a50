/**
 * Where pixels live while Kafka carries references to them: append-only shards that are valid
 * WebDataset tars. A {@link io.freshet.platform.blob.ShardWriter} appends and syncs, a {@link
 * io.freshet.platform.blob.BlobStore} reads and verifies.
 */
package io.freshet.platform.blob;
