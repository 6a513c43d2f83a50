package io.freshet.vision.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbedderSpecTest {

  @Test
  void survivesJson() throws Exception {
    ObjectMapper json = new ObjectMapper();
    for (EmbedderSpec spec : List.of(EmbedderSpec.vit(98, 112), ImageEmbedders.bootstrapSpec())) {
      String text = json.writeValueAsString(spec.toMap());
      assertEquals(
          spec,
          EmbedderSpec.fromMap(json.readValue(text, new TypeReference<Map<String, Object>>() {})),
          text);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "file", "output", "image_size", "resize", "mean", "std"})
  void namesAMissingKey(String key) {
    Map<String, Object> map = new LinkedHashMap<>(EmbedderSpec.vit(98, 112).toMap());
    map.remove(key);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> EmbedderSpec.fromMap(map))
            .getMessage()
            .contains(key));
  }

  @Test
  void refusesUnknownKeysAndValues() {
    Map<String, Object> map = new LinkedHashMap<>(EmbedderSpec.vit(98, 112).toMap());
    map.put("sizes", 3);
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> EmbedderSpec.fromMap(map))
            .getMessage()
            .contains("sizes"));
    map.remove("sizes");
    map.put("kind", "pickle");
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> EmbedderSpec.fromMap(map))
            .getMessage()
            .contains("pickle"));
    map.put("kind", "vit");
    map.put("resize", 97);
    assertThrows(IllegalArgumentException.class, () -> EmbedderSpec.fromMap(map));
  }

  @Test
  void spacesSurviveTheirIds() {
    EmbeddingSpace space = new EmbeddingSpace("freshet", 12, "cls", "l2");
    assertEquals("freshet@12/cls/l2", space.id());
    assertEquals(space, EmbeddingSpace.parse(space.id()));
    assertEquals(EmbeddingSpace.BOOTSTRAP, EmbeddingSpace.parse("bootstrap@1/features/l2"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "freshet",
        "freshet@1",
        "freshet@0/cls/l2",
        "freshet@1/cls/l1",
        "Freshet@1/cls/l2",
        "../x@1/cls/l2",
        "freshet@x/cls/l2",
        "a@1/b/l2/c"
      })
  void refusesOtherStringsAsSpaces(String id) {
    assertThrows(IllegalArgumentException.class, () -> EmbeddingSpace.parse(id));
  }
}
