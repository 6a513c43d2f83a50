package io.freshet.vision.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs source text into the archive that {@code torch::jit::load} reads: a module of class {@code
 * Lib} without parameters, whose methods are the sources' functions.
 */
final class ScriptArchive {

  private static final String HEADER =
      "class Lib(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n";
  private static final byte[] EMPTY_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

  private ScriptArchive() {}

  static byte[] pack(List<ScriptSource> sources) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "lib/data.pkl", moduleObject());
      store(zip, "lib/code/__torch__.py", code(sources).getBytes(StandardCharsets.UTF_8));
      store(zip, "lib/constants.pkl", EMPTY_CONSTANTS);
      store(zip, "lib/version", "10\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("packing scripts", e);
    }
    return bytes.toByteArray();
  }

  static String code(List<ScriptSource> sources) {
    StringBuilder code = new StringBuilder(HEADER);
    for (ScriptSource source : sources) {
      code.append("  # ").append(source.name()).append('\n');
      source
          .text()
          .lines()
          .forEach(
              line ->
                  code.append(line.isBlank() ? "" : "  ")
                      .append(line.stripTrailing())
                      .append('\n'));
    }
    return code.toString();
  }

  /** A protocol-2 pickle of {@code __torch__.Lib()} with the attribute {@code training = True}. */
  private static byte[] moduleObject() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes(new byte[] {(byte) 0x80, 2});
    pickle.writeBytes("c__torch__\nLib\n)".getBytes(StandardCharsets.US_ASCII));
    pickle.write(0x81);
    pickle.writeBytes("}(X".getBytes(StandardCharsets.US_ASCII));
    pickle.writeBytes(new byte[] {8, 0, 0, 0});
    pickle.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
    pickle.write(0x88);
    pickle.writeBytes("ub.".getBytes(StandardCharsets.US_ASCII));
    return pickle.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    entry.setTime(0);
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
