package io.freshet.ingest.fetch;

import static io.freshet.schemas.RejectionReason.BODY_EMPTY;
import static io.freshet.schemas.RejectionReason.BODY_TOO_LARGE;
import static io.freshet.schemas.RejectionReason.CORRUPT;
import static io.freshet.schemas.RejectionReason.FETCH_FAILED;
import static io.freshet.schemas.RejectionReason.FETCH_TIMEOUT;
import static io.freshet.schemas.RejectionReason.HTTP_STATUS;
import static io.freshet.schemas.RejectionReason.TRUNCATED;

import io.freshet.ingest.fetch.ExchangeOutcome.Failure;
import io.freshet.ingest.fetch.ExchangeOutcome.Hope;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipException;
import javax.annotation.Nullable;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.message.BasicHeader;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One GET to one vetted address. The connection goes to that address because the address is part of
 * the request's target; the client's own name resolution is cut off.
 *
 * <p>No cookies, no credentials, no proxies, no redirects, no transparent decompression. When the
 * deadline passes the socket is closed whatever it is doing.
 *
 * <p>Thread-safe. Whoever opens it closes it.
 */
final class HttpExchange implements AutoCloseable {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Set<Integer> PASSING_STATUS = Set.of(408, 425, 429, 500, 502, 503, 504);
  private static final int MAX_EMPTY_LINES = 4;

  private static final Logger LOG = LoggerFactory.getLogger(HttpExchange.class);

  private final FetchConfig config;
  private final PoolingHttpClientConnectionManager connections;
  private final CloseableHttpClient client;
  private final ScheduledThreadPoolExecutor watchdog;

  HttpExchange(FetchConfig config) {
    this.config = config;
    this.connections = connections(config);
    this.client = client(config, connections);
    this.watchdog =
        new ScheduledThreadPoolExecutor(1, DaemonThreads.named("freshet-fetch-watchdog"));
    watchdog.setRemoveOnCancelPolicy(true);
  }

  private static PoolingHttpClientConnectionManager connections(FetchConfig config) {
    Http1Config http1 =
        Http1Config.custom()
            .setMaxHeaderCount(config.response().maxHeaders())
            .setMaxLineLength(Math.toIntExact(config.response().maxHeaderLine().bytes()))
            .setMaxEmptyLineCount(MAX_EMPTY_LINES)
            .build();
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setConnectionFactory(
            ManagedHttpClientConnectionFactory.builder().http1Config(http1).build())
        .setDnsResolver(new NoNames())
        .setMaxConnTotal(2 * config.load().threads())
        .setMaxConnPerRoute(config.load().threads())
        .setDefaultTlsConfig(
            TlsConfig.custom().setHandshakeTimeout(Timeout.of(config.connectTimeout())).build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(config.connectTimeout()))
                .setSocketTimeout(Timeout.of(config.readTimeout()))
                .setTimeToLive(TimeValue.ofMinutes(2))
                .setValidateAfterInactivity(TimeValue.ofSeconds(2))
                .build())
        .build();
  }

  private static CloseableHttpClient client(
      FetchConfig config, PoolingHttpClientConnectionManager connections) {
    return HttpClients.custom()
        .setConnectionManager(connections)
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableAutomaticRetries()
        .disableContentCompression()
        .setUserAgent(config.userAgent())
        .setDefaultHeaders(
            List.of(
                new BasicHeader(
                    HttpHeaders.ACCEPT, "image/webp,image/png,image/jpeg,image/*;q=0.8"),
                new BasicHeader(HttpHeaders.ACCEPT_ENCODING, "identity")))
        .build();
  }

  /** Never throws for what a server does. */
  ExchangeOutcome get(WebUrl url, InetAddress address, Deadline deadline) {
    HttpUriRequestBase request = request(url, deadline);
    ScheduledFuture<?> alarm =
        watchdog.schedule(request::cancel, deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
    HttpHost target = new HttpHost(url.scheme(), address, url.host(), url.port());
    ClassicHttpResponse response = null;
    ExchangeOutcome outcome;
    try {
      response = client.executeOpen(target, request, null);
      outcome = read(response, deadline);
    } catch (IOException e) {
      outcome = deadline.hasPassed() ? late(deadline) : failure(e);
    } finally {
      alarm.cancel(false);
    }
    if (!(outcome instanceof ExchangeOutcome.Body)) {
      // Closing a response politely would read its body to the end; cancelling drops the socket.
      request.cancel();
    }
    close(response);
    return outcome;
  }

  private static void close(@Nullable ClassicHttpResponse response) {
    try {
      if (response != null) {
        response.close();
      }
    } catch (IOException e) {
      LOG.debug("closing a response failed, its connection is dropped", e);
    }
  }

  private HttpUriRequestBase request(WebUrl url, Deadline deadline) {
    HttpUriRequestBase request = new HttpUriRequestBase("GET", URI.create("/"));
    request.setScheme(url.scheme());
    request.setAuthority(new URIAuthority(url.host(), url.hasDefaultPort() ? -1 : url.port()));
    request.setPath(url.target());
    request.setConfig(
        RequestConfig.custom()
            .setRedirectsEnabled(false)
            .setAuthenticationEnabled(false)
            .setContentCompressionEnabled(false)
            .setProtocolUpgradeEnabled(false)
            .setConnectionRequestTimeout(Timeout.of(deadline.remaining()))
            .setResponseTimeout(Timeout.of(deadline.orSooner(config.readTimeout())))
            .build());
    return request;
  }

  private ExchangeOutcome read(ClassicHttpResponse response, Deadline deadline) throws IOException {
    int status = response.getCode();
    Header location = response.getFirstHeader(HttpHeaders.LOCATION);
    if (REDIRECTS.contains(status) && location != null) {
      return new ExchangeOutcome.Redirect(status, location.getValue());
    }
    if (status != 200) {
      return new Failure(
          HTTP_STATUS,
          "the server answered %d".formatted(status),
          PASSING_STATUS.contains(status) ? Hope.LATER : Hope.NONE);
    }
    return response.getEntity() == null
        ? Failure.lasting(BODY_EMPTY, "the server answered 200 without a body")
        : body(response, deadline);
  }

  private ExchangeOutcome body(ClassicHttpResponse response, Deadline deadline) throws IOException {
    long limit = config.response().maxBody().bytes();
    long announced = response.getEntity().getContentLength();
    if (announced > limit) {
      return Failure.lasting(
          BODY_TOO_LARGE,
          "the server announced %d bytes, at most %d are taken".formatted(announced, limit));
    }
    Header encoding = response.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
    InputStream wire = response.getEntity().getContent();
    try {
      byte[] body =
          CappedBody.read(wire, encoding == null ? "" : encoding.getValue(), limit, deadline);
      return body.length == 0
          ? Failure.lasting(BODY_EMPTY, "the server sent a body of 0 bytes")
          : new ExchangeOutcome.Body(body);
    } catch (CappedBody.TooLargeException e) {
      return Failure.lasting(BODY_TOO_LARGE, e.getMessage());
    } catch (CappedBody.UnknownEncodingException e) {
      return Failure.lasting(FETCH_FAILED, e.getMessage());
    } catch (ZipException e) {
      return Failure.lasting(CORRUPT, "content encoding is damaged: " + e.getMessage());
    } catch (MalformedChunkCodingException | ConnectionClosedException | EOFException e) {
      return deadline.hasPassed()
          ? late(deadline)
          : Failure.passing(
              TRUNCATED, "the body ended before its announced end: " + e.getMessage());
    }
  }

  private static Failure late(Deadline deadline) {
    return Failure.lasting(
        FETCH_TIMEOUT,
        "not done within the deadline of %d ms".formatted(deadline.allowed().toMillis()));
  }

  private static Failure failure(IOException e) {
    String what = e.getClass().getSimpleName() + ": " + e.getMessage();
    if (e instanceof ConnectTimeoutException) {
      return new Failure(FETCH_TIMEOUT, what, Hope.OTHER_ADDRESS);
    }
    if (e instanceof ConnectException || e instanceof NoRouteToHostException) {
      return new Failure(FETCH_FAILED, what, Hope.OTHER_ADDRESS);
    }
    if (e instanceof InterruptedIOException) {
      return Failure.passing(FETCH_TIMEOUT, what);
    }
    boolean lasting =
        e instanceof SSLException
            || e instanceof MessageConstraintException
            || e.getCause() instanceof HttpException;
    return new Failure(FETCH_FAILED, what, lasting ? Hope.NONE : Hope.LATER);
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
    client.close(CloseMode.IMMEDIATE);
    connections.close(CloseMode.IMMEDIATE);
  }

  /** Every target carries its address, so a name that arrives here would bypass the policy. */
  private static final class NoNames implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      throw new UnknownHostException("'%s' was not vetted".formatted(host));
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
      throw new UnknownHostException("'%s' was not vetted".formatted(host));
    }
  }
}
