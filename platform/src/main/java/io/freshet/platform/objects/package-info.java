/**
 * Object storage that speaks S3: whole objects, conditional writes, digests checked on both ways.
 */
package io.freshet.platform.objects;
