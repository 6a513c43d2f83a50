package io.freshet.sink.tally;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * Some images of a wall.
 *
 * @param upTo number of the newest image that was looked at; ask with it for more of the same wall
 * @param total images that there are to ask for
 * @param facets images of each reason, method or dataset
 */
@JsonNaming(SnakeCaseStrategy.class)
public record WallPage(long upTo, int total, Map<String, Integer> facets, List<Item> items) {

  /**
   * An image and what it is shown beside.
   *
   * @param found where the image was found, if that is known
   * @param beside where the other image was found, or the seed's file
   * @param hasPicture whether there is a picture of the other image
   */
  @JsonNaming(SnakeCaseStrategy.class)
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Item(
      WallImage image, WallImage.Source found, WallImage.Source beside, boolean hasPicture) {}
}
