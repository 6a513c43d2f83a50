/** For the tests of all modules: a broker and a Flink cluster per test class. */
package io.freshet.platform.testing;
