/** The features as Parquet files by space and day, for whoever reads them in bulk. */
package io.freshet.sink.parquet;
