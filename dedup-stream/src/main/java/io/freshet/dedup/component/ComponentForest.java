package io.freshet.dedup.component;

import io.freshet.dedup.component.ComponentNode.Stay;
import io.freshet.dedup.state.Table;

/**
 * The trees of a union-find, paths halved, whose nodes are forgotten one by one. A node that no
 * table names any more goes once it has no children, and with it those above it that stayed only
 * for it. So what stays is named itself or lies on the path of one that is: a tree that has a named
 * image has its root. Owner: one thread.
 */
final class ComponentForest {
  private final Table<String, ComponentNode> nodes;
  private final Runnable forgotten;

  /**
   * @param nodes by image_id; nothing else may use it
   * @param forgotten told of each node that goes
   */
  ComponentForest(Table<String, ComponentNode> nodes, Runnable forgotten) {
    this.nodes = nodes;
    this.forgotten = forgotten;
  }

  ComponentNode node(String imageId) {
    return nodes.get(imageId).orElseGet(() -> ComponentNode.alone(imageId));
  }

  void put(String imageId, ComponentNode node) {
    nodes.put(imageId, node);
  }

  String root(String imageId) {
    String at = imageId;
    ComponentNode node = node(at);
    while (!node.parent().equals(at)) {
      String above = node(node.parent()).parent();
      if (!above.equals(node.parent())) {
        nodes.put(at, node.withParent(above));
        nodes.put(above, node(above).withChildren(1));
        abandon(node.parent());
      }
      at = above;
      node = node(at);
    }
    return at;
  }

  /**
   * Hangs one tree under the root of another.
   *
   * @param root as it becomes by that, its children counted
   */
  void join(String rootId, ComponentNode root, String childId, ComponentNode child) {
    nodes.put(rootId, root);
    nodes.put(childId, child.withParent(rootId));
  }

  /** Makes an image the root of its tree. */
  void raise(String imageId, String rootId) {
    if (rootId.equals(imageId)) {
      return;
    }
    ComponentNode node = node(imageId);
    ComponentNode root = node(rootId);
    nodes.put(imageId, node.above(imageId, root));
    nodes.put(rootId, root.withParent(imageId));
    abandon(node.parent());
  }

  /**
   * Nothing that is on its way names an image any more, unless tables came to name it again.
   *
   * @param unnamedAt stamp of when tables ceased to
   */
  void forget(String imageId, long unnamedAt) {
    ComponentNode node = node(imageId);
    if (node.isUnnamed() && node.unnamedAt() == unnamedAt) {
      settle(imageId, node.asCarrying());
    }
  }

  /** One of its children has another parent, or is gone. */
  private void abandon(String imageId) {
    ComponentNode node = node(imageId);
    if (node.stay() != Stay.LASTING) {
      settle(imageId, node.withChildren(-1));
    }
  }

  private void settle(String imageId, ComponentNode node) {
    if (!node.isOver()) {
      nodes.put(imageId, node);
      return;
    }
    nodes.remove(imageId);
    forgotten.run();
    if (!node.parent().equals(imageId)) {
      abandon(node.parent());
    }
  }
}
