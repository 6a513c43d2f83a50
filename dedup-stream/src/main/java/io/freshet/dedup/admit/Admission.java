package io.freshet.dedup.admit;

import io.freshet.dedup.embed.Embedding;
import io.freshet.dedup.embed.Embedding.Embedded;
import io.freshet.dedup.embed.Embedding.Unreadable;
import io.freshet.dedup.request.Request;
import io.freshet.dedup.state.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lets each image pass once, as soon as one of its requests could be read.
 *
 * <p>The first request of an image comes from the embedder, later ones for the same pixels come
 * unread. They wait for the first. Where it proves unreadable they are embedded late, one by one,
 * until one stands in for it. Guarantee: each request leaves exactly once, as admitted, as a copy
 * of an image that was admitted before, or refused; an id that is forgotten leaves before its image
 * is admitted again. Owner: one thread.
 */
public final class Admission {
  private final Table<String, Boolean> readable;
  private final Table<String, Boolean> renewed;
  private final Table<String, List<Request>> waiting;
  private final LateEmbedder lateEmbedder;
  private final Sink sink;

  /** Where requests leave. */
  public interface Sink {
    void admitted(Embedded embedded);

    /** The same pixels as an image that was admitted before. */
    void copy(Request request);

    void refused(Unreadable unreadable);

    /** The id of an image whose requests have all left. */
    void forgotten(String imageId);
  }

  /**
   * @param readable whether an image was read; absent while its first request is being embedded
   * @param renewed images that came from the embedder before the word that their ids are forgotten
   * @param waiting copies of those that are being embedded, oldest first
   */
  public Admission(
      Table<String, Boolean> readable,
      Table<String, Boolean> renewed,
      Table<String, List<Request>> waiting,
      LateEmbedder lateEmbedder,
      Sink sink) {
    this.readable = readable;
    this.renewed = renewed;
    this.waiting = waiting;
    this.lateEmbedder = lateEmbedder;
    this.sink = sink;
  }

  /** The first request of an image comes back from the embedder. */
  public void accept(Embedding embedding) {
    String imageId = embedding.request().imageId();
    if (readable.get(imageId).isPresent()) {
      renewed.put(imageId, true);
      sink.forgotten(imageId);
    }
    settle(embedding);
    List<Request> copies = waiting.get(imageId).orElse(List.of());
    waiting.remove(imageId);
    copies.forEach(this::accept);
  }

  /** A later request for the same pixels. */
  public void accept(Request copy) {
    Optional<Boolean> known = readable.get(copy.imageId());
    if (known.isEmpty()) {
      List<Request> longer = new ArrayList<>(waiting.get(copy.imageId()).orElse(List.of()));
      longer.add(copy);
      waiting.put(copy.imageId(), longer);
    } else if (known.get()) {
      sink.copy(copy);
    } else {
      settle(lateEmbedder.embed(copy));
    }
  }

  /** Requests of the image that were made before have all come, later ones begin anew. */
  public void forget(String imageId) {
    if (renewed.get(imageId).isPresent()) {
      renewed.remove(imageId);
    } else {
      readable.remove(imageId);
      sink.forgotten(imageId);
    }
  }

  private void settle(Embedding embedding) {
    if (embedding instanceof Embedded embedded) {
      readable.put(embedded.request().imageId(), true);
      sink.admitted(embedded);
    } else {
      Unreadable unreadable = (Unreadable) embedding;
      readable.put(unreadable.request().imageId(), false);
      sink.refused(unreadable);
    }
  }
}
