/**
 * The DINOv2 vision transformer: configuration, parameters under official names, forward passes,
 * directories of models.
 */
package io.freshet.vision.model;
