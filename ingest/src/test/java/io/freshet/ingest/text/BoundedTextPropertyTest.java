package io.freshet.ingest.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BoundedTextPropertyTest {
  @Property(seed = "20230414")
  void keepsTheLongestPrefixThatFits(@ForAll String text, @ForAll @IntRange(max = 200) int limit) {
    String whole = new String(text.getBytes(UTF_8), UTF_8);
    String cut = BoundedText.cut(text, limit);
    assertTrue(whole.startsWith(cut));
    assertTrue(cut.getBytes(UTF_8).length <= limit);
    if (cut.length() < whole.length()) {
      int next = Character.charCount(whole.codePointAt(cut.length()));
      String oneMore = whole.substring(0, cut.length() + next);
      assertTrue(oneMore.getBytes(UTF_8).length > limit);
    }
  }

  @Test
  void replacesUnpairedSurrogates() {
    assertEquals("a?b", BoundedText.cut("a\ud83db", 10));
    assertEquals("a", BoundedText.cut("a\ud83d\ude00", 4));
    assertEquals("a\ud83d\ude00", BoundedText.cut("a\ud83d\ude00", 5));
  }
}
