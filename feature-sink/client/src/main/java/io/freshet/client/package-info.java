/**
 * The features for those who use them: a consumer that keeps spaces apart, and the released model
 * on their own machine. Plain Java; neither Flink nor DJL is on the class path.
 */
package io.freshet.client;
