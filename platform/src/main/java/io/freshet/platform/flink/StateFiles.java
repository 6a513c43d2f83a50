package io.freshet.platform.flink;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/** What a checkpoint's {@code _metadata} refers to. */
final class StateFiles {
  static final String METADATA = "_metadata";

  /** Stands for keyed state of a kind whose files can't be told. */
  private static final StreamStateHandle UNKNOWN =
      new ByteStreamStateHandle("unknown", new byte[0]);

  private StateFiles() {}

  /**
   * @throws IOException when the metadata is damaged or of an unknown version
   */
  static CheckpointMetadata read(Path directory) throws IOException {
    Path metadata = directory.resolve(METADATA);
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(metadata)))) {
      return Checkpoints.loadCheckpointMetadata(
          in, StateFiles.class.getClassLoader(), directory.toUri().toString());
    } catch (RuntimeException e) {
      throw new IOException("%s is damaged: %s".formatted(metadata, e), e);
    }
  }

  /** Every file that the checkpoint needs beside its metadata, with its length in bytes. */
  static Map<Path, Long> referenced(CheckpointMetadata metadata) {
    Map<Path, Long> files = new LinkedHashMap<>();
    handles(metadata)
        .forEach(
            handle -> {
              if (handle instanceof FileStateHandle file) {
                files.put(Path.of(file.getFilePath().toUri().getPath()), file.getStateSize());
              }
            });
    return files;
  }

  /**
   * Real paths of all files of a checkpoint, its metadata included.
   *
   * @throws IOException when one is missing, or state is kept in a way that this doesn't know
   */
  static Set<Path> of(Path directory) throws IOException {
    CheckpointMetadata metadata = read(directory);
    if (!handles(metadata).allMatch(StateFiles::isKnown)) {
      throw new IOException(directory + " keeps state in a way that this build doesn't know");
    }
    Set<Path> files = new HashSet<>();
    files.add(directory.resolve(METADATA).toRealPath());
    for (Path file : referenced(metadata).keySet()) {
      files.add(file.toRealPath());
    }
    return files;
  }

  private static boolean isKnown(StreamStateHandle handle) {
    return handle != UNKNOWN
        && (handle instanceof FileStateHandle || handle instanceof ByteStreamStateHandle);
  }

  private static Stream<StreamStateHandle> handles(CheckpointMetadata metadata) {
    return metadata.getOperatorStates().stream().flatMap(StateFiles::ofOperator);
  }

  private static Stream<StreamStateHandle> ofOperator(OperatorState operator) {
    return Stream.concat(
        Stream.ofNullable(operator.getCoordinatorState()),
        operator.getStates().stream().flatMap(StateFiles::ofSubtask));
  }

  private static Stream<StreamStateHandle> ofSubtask(OperatorSubtaskState state) {
    Stream<StreamStateHandle> operatorState =
        Stream.concat(
                state.getManagedOperatorState().stream(), state.getRawOperatorState().stream())
            .map(handle -> handle.getDelegateStateHandle());
    Stream<StreamStateHandle> keyedState =
        Stream.concat(state.getManagedKeyedState().stream(), state.getRawKeyedState().stream())
            .flatMap(StateFiles::ofKeyed);
    return Stream.concat(operatorState, keyedState);
  }

  private static Stream<StreamStateHandle> ofKeyed(KeyedStateHandle handle) {
    if (handle instanceof IncrementalRemoteKeyedStateHandle incremental) {
      return Stream.of(
              Stream.of(incremental.getMetaDataStateHandle()),
              incremental.getSharedState().stream().map(HandleAndLocalPath::getHandle),
              incremental.getPrivateState().stream().map(HandleAndLocalPath::getHandle))
          .flatMap(handles -> handles);
    } else if (handle instanceof KeyGroupsStateHandle groups) {
      return Stream.of(groups.getDelegateStateHandle());
    }
    return Stream.of(UNKNOWN);
  }
}
