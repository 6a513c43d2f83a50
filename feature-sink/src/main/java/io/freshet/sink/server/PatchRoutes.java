package io.freshet.sink.server;

import io.freshet.platform.registry.ModelRegistry;
import io.freshet.platform.registry.ModelVersion;
import io.freshet.schemas.ImageId;
import io.freshet.sink.patch.PatchGallery;
import io.javalin.http.BadRequestResponse;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import io.javalin.router.JavalinDefaultRouting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Pictures of what releases see in the same few images. Thread-safe. */
final class PatchRoutes {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final ModelRegistry registry;
  private final PatchGallery gallery;

  PatchRoutes(ModelRegistry registry, PatchGallery gallery) {
    this.registry = registry;
    this.gallery = gallery;
  }

  void addTo(JavalinDefaultRouting server) {
    server.get("/api/v1/patches", this::images);
    server.get("/api/v1/patches/{name}/{version}", this::state);
    server.get("/api/v1/patches/{name}/{version}/{id}", this::picture);
  }

  private void images(Context context) {
    List<Map<String, String>> images =
        gallery.images().stream()
            .map(
                seed ->
                    Map.of(
                        "image_id", seed.getImageId(),
                        "label", seed.getLabel(),
                        "dataset", seed.getDataset()))
            .toList();
    JsonBody.send(context, Map.of("images", images));
  }

  /** Starts making the pictures where there are none. */
  private void state(Context context) {
    PatchGallery.State state = gallery.of(version(context));
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("pending", state.pending());
    body.put("failure", state.failure());
    body.put("images", state.pictures().keySet().stream().sorted().toList());
    JsonBody.send(context, body);
  }

  private void picture(Context context) {
    String id = context.pathParam("id");
    if (!ImageId.is(id)) {
      throw new BadRequestResponse("an image id is 64 hex digits");
    }
    byte[] png = gallery.of(version(context)).pictures().get(id);
    if (png == null) {
      throw new NotFoundResponse("there is no picture of that image, or not yet");
    }
    context.header("Cache-Control", "private, max-age=86400, immutable");
    context.contentType("image/png").result(png);
  }

  private ModelVersion version(Context context) {
    String name = context.pathParam("name");
    String number = context.pathParam("version");
    if (!NAME.matcher(name).matches() || !NUMBER.matcher(number).matches()) {
      throw new BadRequestResponse(
          "a model is [a-z0-9][a-z0-9._-]{0,63} and a version a number of at most nine digits");
    }
    return registry
        .resolve(name + "@" + number)
        .orElseThrow(() -> new NotFoundResponse("the registry has no such release"));
  }
}
