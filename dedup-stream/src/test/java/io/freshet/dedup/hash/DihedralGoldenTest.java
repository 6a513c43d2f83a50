package io.freshet.dedup.hash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The symmetries of a hash against what the published algorithm computes from coefficients. */
class DihedralGoldenTest {
  private static final int FIRST_HASH_COLUMN = 4;
  private static final int MIN_QUALITY = 50;

  @Test
  void variantsComeWithinTheMatchDistanceOfTheReferenceHashes() throws IOException {
    int compared = 0;
    long bits = 0;
    int most = 0;
    for (String[] row : reference()) {
      if (Integer.parseInt(row[3]) < MIN_QUALITY) {
        continue;
      }
      BitCode original = code(row[FIRST_HASH_COLUMN]);
      for (int i = FIRST_HASH_COLUMN + 1; i < FIRST_HASH_COLUMN + Dihedral.ORDER; i++) {
        int distance = Dihedral.distance(code(row[i]), original);
        most = Math.max(most, distance);
        bits += distance;
        compared++;
      }
    }
    String measured =
        "mean %.2f, most %d of %d".formatted((double) bits / compared, most, compared);
    assertTrue(compared > 1000, measured);
    assertTrue(most <= 26, measured);
    assertTrue((double) bits / compared < 7, measured);
  }

  @Test
  void eachSymmetryHasItsOwnVariant() throws IOException {
    int[] nearest = new int[Dihedral.ORDER];
    for (String[] row : reference()) {
      BitCode[] variants = Dihedral.variants(code(row[FIRST_HASH_COLUMN]));
      for (int symmetry = 0; symmetry < Dihedral.ORDER; symmetry++) {
        BitCode expected = code(row[FIRST_HASH_COLUMN + symmetry]);
        int best = 0;
        for (int i = 1; i < variants.length; i++) {
          best = variants[i].distance(expected) < variants[best].distance(expected) ? i : best;
        }
        nearest[symmetry] |= 1 << best;
      }
    }
    int used = 0;
    for (int variants : nearest) {
      used |= variants;
    }
    assertTrue(used == 0xff, "variants in use: " + Integer.toBinaryString(used));
  }

  private static BitCode code(String hex) {
    return BitCode.of(HexFormat.of().parseHex(hex));
  }

  private static List<String[]> reference() throws IOException {
    List<String[]> rows = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    DihedralGoldenTest.class.getResourceAsStream("/goldens/pdq/pdq.csv")),
                StandardCharsets.UTF_8))) {
      reader.readLine();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        rows.add(line.split(",", -1));
      }
    }
    return rows;
  }
}
