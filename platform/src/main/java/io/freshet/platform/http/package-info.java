/**
 * The HTTP base of every process that serves: who may connect, security headers, health, metrics
 * and uniform errors. Callers add routes.
 */
package io.freshet.platform.http;
