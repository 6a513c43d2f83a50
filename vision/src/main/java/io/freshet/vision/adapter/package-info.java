/** Linear maps from one space to another, fitted on images that have a vector in both. */
package io.freshet.vision.adapter;
