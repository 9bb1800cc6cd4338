#ifndef SEMBLANCE_CMICROHTTPD_H
#define SEMBLANCE_CMICROHTTPD_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

// Swift cannot call variadic functions, and libmicrohttpd takes its options and gives its answers through them.

struct semblance_mhd_options {
    const struct sockaddr *address;
    int is_ipv6;
    unsigned int threads;
    unsigned int connections;
    // Seconds without a byte after which a connection is closed.
    unsigned int idle;
    // Bytes for the request line, the headers and the buffers of one connection.
    size_t connection_memory;
    unsigned int backlog;
    // PEM texts; NULL without TLS.
    const char *key;
    const char *certificate;
    void *context;
    void *(*begin)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback access;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    // Receives one line of the library's own complaints.
    void (*log)(void *context, const char *text);
};

__attribute__((unused)) static void semblance_mhd_log(void *context, const char *format, va_list arguments) {
    const struct semblance_mhd_options *options = (const struct semblance_mhd_options *)context;
    char text[512];
    vsnprintf(text, sizeof text, format, arguments);
    options->log(options->context, text);
}

// Targets are decoded by the caller, from the bytes as they were sent.
__attribute__((unused)) static size_t semblance_mhd_keep(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    return strlen(text);
}

/// Starts a daemon with its own threads; `options` must outlive it. NULL when it cannot start, with errno set.
__attribute__((noinline, unused)) static struct MHD_Daemon *semblance_mhd_start(const struct semblance_mhd_options *options) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    if (options->is_ipv6) flags |= MHD_USE_IPv6;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    if (options->key != NULL) flags |= MHD_USE_TLS;
    return MHD_start_daemon(
        flags, 0, NULL, NULL, options->access, options->context,
        MHD_OPTION_EXTERNAL_LOGGER, semblance_mhd_log, (void *)options,
        MHD_OPTION_SOCK_ADDR, options->address,
        MHD_OPTION_THREAD_POOL_SIZE, options->threads,
        MHD_OPTION_CONNECTION_LIMIT, options->connections,
        MHD_OPTION_CONNECTION_TIMEOUT, options->idle,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, options->backlog,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
        MHD_OPTION_URI_LOG_CALLBACK, options->begin, options->context,
        MHD_OPTION_UNESCAPE_CALLBACK, semblance_mhd_keep, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context,
        MHD_OPTION_NOTIFY_CONNECTION, options->connection, options->context,
        MHD_OPTION_ARRAY, options->key != NULL ? tls : none, MHD_OPTION_END);
}

/// The port that a daemon listens on; 0 when unknown.
__attribute__((unused)) static uint16_t semblance_mhd_port(struct MHD_Daemon *daemon) {
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

/// What the connection callback kept for a connection.
__attribute__((unused)) static void *semblance_mhd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

__attribute__((unused)) static int semblance_mhd_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

/// Writes the peer's address as text; an empty one when unknown.
__attribute__((unused)) static void semblance_mhd_peer(struct MHD_Connection *connection, char *text, size_t capacity) {
    text[0] = 0;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info == NULL || info->client_addr == NULL) return;
    const struct sockaddr *address = info->client_addr;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, text, (socklen_t)capacity);
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, text, (socklen_t)capacity);
}

/// Whether the other end has closed the connection or shut down its sending side.
__attribute__((unused)) static int semblance_is_hung_up(int socket) {
    struct pollfd entry = {socket, 0x2000 /* POLLRDHUP, which needs _GNU_SOURCE */, 0};
    return poll(&entry, 1, 0) > 0 && (entry.revents & (0x2000 | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

#endif
