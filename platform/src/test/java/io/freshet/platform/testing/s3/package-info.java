/** S3 for tests, in this JVM: refuses what S3 refuses, and fails on demand. */
package io.freshet.platform.testing.s3;
