/**
 * The one configuration of all stages: {@code defaults.yaml} lists every key, profiles and files
 * hold what differs, records are what code sees. Start at {@link
 * io.freshet.platform.config.Config}.
 */
package io.freshet.platform.config;
