package io.freshet.vision.weights;

import io.freshet.vision.weights.MalformedWeightsException.Defect;
import io.freshet.vision.weights.TensorPickle.StorageReference;
import io.freshet.vision.weights.TensorPickle.TensorReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads {@code .pth} files, the zip archives of {@code torch.save}, without executing what they
 * hold: see {@link TensorPickle}. Nested dictionaries flatten to dotted names; whatever is no
 * tensor is left out. Files of PyTorch before 1.6 are no zips and are refused.
 *
 * <p>Tensors are slices of the mapped file, which must not change while they are in use; only those
 * that are not contiguous are copied.
 */
public final class PthReader {

  private static final int MAX_DEPTH = 8;

  private final StoredArchive archive;
  private final String root;
  private final Map<String, ByteBuffer> storages = new HashMap<>();
  private long gatheredBytes;

  private PthReader(StoredArchive archive, String root) {
    this.archive = archive;
    this.root = root;
  }

  /**
   * All tensors of {@code file}.
   *
   * @throws MalformedWeightsException naming the defect; a pickle with a global beyond tensors is
   *     {@link Defect#FORBIDDEN_GLOBAL}
   */
  public static StateDict read(Path file) throws IOException {
    StoredArchive archive = StoredArchive.open(file);
    PthReader reader = new PthReader(archive, root(archive));
    reader.requireLittleEndian();
    Object pickled = TensorPickle.load(bytes(reader.entry("data.pkl", TensorPickle.MAX_BYTES)));
    StateDict.Builder tensors = StateDict.builder();
    reader.flatten("", pickled, tensors, 0);
    return tensors.build();
  }

  private static String root(StoredArchive archive) {
    List<String> pickles =
        archive.names().stream().filter(name -> name.matches("[^/]+/data\\.pkl")).toList();
    if (pickles.size() != 1) {
      throw new MalformedWeightsException(
          Defect.INVALID_ARCHIVE,
          "one data.pkl in a top folder is wanted, found " + pickles.size());
    }
    String pickle = pickles.get(0);
    return pickle.substring(0, pickle.length() - "data.pkl".length());
  }

  private void requireLittleEndian() throws IOException {
    if (archive.names().contains(root + "byteorder")) {
      String order = new String(bytes(entry("byteorder", 16)), StandardCharsets.US_ASCII).strip();
      if (!order.equals("little")) {
        throw new MalformedWeightsException(
            Defect.INVALID_ARCHIVE, "byte order " + order + ", only little is supported");
      }
    }
  }

  private ByteBuffer entry(String name, long maxBytes) throws IOException {
    return archive.entry(root + name, maxBytes);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private void flatten(String name, Object value, StateDict.Builder into, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw new MalformedWeightsException(
          Defect.INVALID_PICKLE, "dictionaries nest deeper than " + MAX_DEPTH);
    }
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> e : map.entrySet()) {
        flatten(
            name.isEmpty() ? e.getKey().toString() : name + "." + e.getKey(),
            e.getValue(),
            into,
            depth + 1);
      }
    } else if (value instanceof TensorReference tensor) {
      put(name, tensor, into);
    }
  }

  private void put(String name, TensorReference tensor, StateDict.Builder into) throws IOException {
    try {
      into.put(name, materialise(name, tensor));
    } catch (ArithmeticException e) {
      throw new MalformedWeightsException(
          Defect.INVALID_SHAPE, "tensor " + name + " has a shape or strides that overflow", e);
    } catch (IllegalArgumentException e) {
      throw new MalformedWeightsException(Defect.DUPLICATE_NAME, e.getMessage(), e);
    }
  }

  private WeightTensor materialise(String name, TensorReference tensor) throws IOException {
    requireInside(name, tensor);
    StorageReference storage = tensor.storage();
    ByteBuffer bytes = storage(storage);
    int width = storage.type().bytes();
    int count = Math.toIntExact(WeightTensor.count(tensor.shape()));
    if (isContiguous(tensor)) {
      int begin = Math.toIntExact(tensor.offset() * width);
      return new WeightTensor(
          storage.type(),
          tensor.shape(),
          count == 0 ? bytes.slice(0, 0) : bytes.slice(begin, count * width));
    }
    requireRoom(name, (long) count * width);
    ByteBuffer gathered = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      gathered.put(bytes.slice(Math.toIntExact(position(tensor, i) * width), width));
    }
    return new WeightTensor(storage.type(), tensor.shape(), gathered.flip());
  }

  /** Many views of one storage must not unpack to more than their file. */
  private void requireRoom(String name, long bytes) {
    gatheredBytes += bytes;
    if (gatheredBytes > archive.size()) {
      throw new MalformedWeightsException(
          Defect.TENSOR_TOO_LARGE,
          "the copies of tensors that are not contiguous, up to "
              + name
              + ", take "
              + gatheredBytes
              + " bytes, the limit is the file's size of "
              + archive.size()
              + "; save contiguous tensors");
    }
  }

  /** Where row-major element {@code index} lies in the storage. */
  private static long position(TensorReference tensor, long index) {
    long position = tensor.offset();
    long rest = index;
    for (int d = tensor.shape().size() - 1; d >= 0; d--) {
      position += rest % tensor.shape().get(d) * tensor.strides().get(d);
      rest /= tensor.shape().get(d);
    }
    return position;
  }

  private static boolean isContiguous(TensorReference tensor) {
    long stride = 1;
    for (int d = tensor.shape().size() - 1; d >= 0; d--) {
      long size = tensor.shape().get(d);
      if (size != 1 && tensor.strides().get(d) != stride) {
        return false;
      }
      stride *= size;
    }
    return true;
  }

  private static void requireInside(String name, TensorReference tensor) {
    long elements = tensor.storage().elements();
    long count = WeightTensor.count(tensor.shape());
    boolean inside =
        tensor.shape().size() == tensor.strides().size()
            && tensor.offset() >= 0
            && count <= elements;
    long last = tensor.offset();
    for (int d = 0; inside && d < tensor.shape().size(); d++) {
      long stride = tensor.strides().get(d);
      inside = stride >= 0;
      if (tensor.shape().get(d) > 0) {
        last = Math.addExact(last, Math.multiplyExact(tensor.shape().get(d) - 1, stride));
      }
    }
    if (!inside || (count > 0 && last >= elements)) {
      throw new MalformedWeightsException(
          Defect.INVALID_SHAPE,
          "tensor "
              + name
              + " of shape "
              + tensor.shape()
              + ", strides "
              + tensor.strides()
              + " and offset "
              + tensor.offset()
              + " leaves its storage of "
              + elements
              + " elements");
    }
  }

  private ByteBuffer storage(StorageReference storage) throws IOException {
    ByteBuffer cached = storages.get(storage.key());
    if (cached == null) {
      cached = entry("data/" + storage.key(), Integer.MAX_VALUE);
      storages.put(storage.key(), cached);
    }
    long wanted = Math.multiplyExact(storage.elements(), storage.type().bytes());
    if (cached.capacity() != wanted) {
      throw new MalformedWeightsException(
          Defect.LENGTH_MISMATCH,
          "storage "
              + storage.key()
              + " has "
              + cached.capacity()
              + " bytes, "
              + storage.elements()
              + " elements of "
              + storage.type()
              + " need "
              + wanted);
    }
    return cached;
  }
}
