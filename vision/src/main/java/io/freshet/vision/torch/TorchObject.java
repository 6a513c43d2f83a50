package io.freshet.vision.torch;

import ai.djl.pytorch.jni.IValue;

/**
 * An object of a class of libtorch's own, such as weights packed for a product, that a script made
 * and that is given to scripts. Lives outside the heap until it is closed, by its owner, while no
 * call uses it.
 */
public final class TorchObject implements AutoCloseable {
  private final IValue boxed;

  TorchObject(IValue boxed) {
    this.boxed = boxed;
  }

  IValue boxed() {
    return boxed;
  }

  @Override
  public void close() {
    boxed.close();
  }
}
