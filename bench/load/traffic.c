#include "load/traffic.h"

#include <errno.h>
#include <stdlib.h>

static const int64_t second_ns = 1000000000;

static bool is_windowed(const struct traffic *traffic)
{
    return traffic->load->options->rate == 0;
}

static void make_idle(struct traffic *traffic, struct sender *sender)
{
    if (sender->is_idle)
        return;
    sender->is_idle = true;
    sender->next_idle = traffic->idle;
    traffic->idle = sender;
}

static void on_message(void *arg, struct peer *peer, const struct mark *mark)
{
    struct traffic *traffic = arg;
    const struct options *options = traffic->load->options;

    if (mark->sender >= traffic->sender_count || mark->sender / options->senders != peer->room)
        return;
    struct sender *sender = &traffic->senders[mark->sender];
    uint32_t *expected = &peer->next[mark->sender % options->senders];
    if (mark->number < *expected) {
        traffic->repeated++;
        return;
    }
    traffic->gaps += mark->number - *expected;
    *expected = mark->number + 1;
    if (traffic->is_measuring) {
        traffic->delivered++;
        histogram_add(&traffic->latency, (uint64_t)traffic->load->now_ns - mark->sent_ns);
    }
    if (is_windowed(traffic) && --sender->missing[mark->number % options->window] == 0) {
        sender->on_the_way--;
        make_idle(traffic, sender);
    }
}

/* Adds one message to `out`. */
static void say(struct traffic *traffic, struct sender *sender, int64_t at_ns, struct buf *out)
{
    const struct options *options = traffic->load->options;
    struct mark mark = {.sender = (uint32_t)(sender - traffic->senders),
                        .number = sender->next_number,
                        .sent_ns = (uint64_t)at_ns};

    mark_write(mark, traffic->text, options->payload);
    options->dialect->say(out, sender->peer->room, (struct bytes){traffic->text, options->payload});
    if (is_windowed(traffic)) {
        sender->missing[sender->next_number % options->window] = traffic->readers_of_sender;
        sender->on_the_way++;
    }
    sender->next_number++;
    traffic->total_sent++;
    traffic->sent += traffic->is_measuring;
}

/* Everyone who may fills the window, with one write each. */
static void fill_windows(struct traffic *traffic, struct buf *out)
{
    struct sender *sender = traffic->idle;

    traffic->idle = NULL;
    while (sender) {
        struct sender *next = sender->next_idle;
        sender->is_idle = false;
        buf_reset(out);
        while (sender->on_the_way < traffic->load->options->window)
            say(traffic, sender, load_now_ns(), out);
        peer_send(traffic->load, sender->peer, buf_bytes(out));
        sender = next;
    }
}

static void say_due(struct traffic *traffic, int64_t due_ns, struct buf *out)
{
    struct sender *sender = &traffic->senders[traffic->turn];

    traffic->turn = (traffic->turn + 1) % traffic->sender_count;
    buf_reset(out);
    say(traffic, sender, due_ns, out);
    peer_send(traffic->load, sender->peer, buf_bytes(out));
}

static void run_windows(struct traffic *traffic, int64_t until_ns, struct buf *out)
{
    while (load_now_ns() < until_ns && !traffic->load->failure) {
        fill_windows(traffic, out);
        load_poll(traffic->load, until_ns);
    }
}

static void run_rate(struct traffic *traffic, int64_t until_ns, struct buf *out)
{
    int64_t began_ns = load_now_ns(), due_ns = began_ns;

    for (int64_t count = 0; due_ns < until_ns && !traffic->load->failure;) {
        while (due_ns <= load_now_ns() && due_ns < until_ns) {
            say_due(traffic, due_ns, out);
            due_ns = began_ns + (int64_t)((double)++count * (double)second_ns / traffic->load->options->rate);
        }
        load_poll(traffic->load, due_ns < until_ns ? due_ns : until_ns);
    }
}

void traffic_run(struct traffic *traffic, int64_t until_ns)
{
    struct buf out;
    size_t window = traffic->load->options->window;

    buf_init(&out, (window + 1) * (traffic->load->options->payload + 256));
    if (is_windowed(traffic))
        run_windows(traffic, until_ns, &out);
    else
        run_rate(traffic, until_ns, &out);
    buf_done(&out);
}

/* What readers have not got of all that was sent. */
static uint64_t missing(const struct traffic *traffic)
{
    const struct options *options = traffic->load->options;
    uint64_t sum = 0;

    for (size_t i = 0; i < traffic->load->peer_count; i++) {
        const struct peer *peer = &traffic->load->peers[i];
        if (peer->never_reads)
            continue;
        for (unsigned k = 0; k < options->senders; k++) {
            const struct sender *sender = &traffic->senders[peer->room * options->senders + k];
            if (sender->peer != peer || options->dialect->hears_itself)
                sum += sender->next_number - peer->next[k];
        }
    }
    return sum;
}

uint64_t traffic_drain(struct traffic *traffic, int64_t until_ns)
{
    uint64_t left;
    while ((left = missing(traffic)) > 0 && load_now_ns() < until_ns && !traffic->load->failure)
        load_poll(traffic->load, load_now_ns() + second_ns / 100);
    return left + traffic->gaps;
}

static int init_sender(struct traffic *traffic, struct sender *sender, struct peer *peer)
{
    sender->peer = peer;
    sender->missing = calloc(traffic->load->options->window, sizeof(*sender->missing));
    make_idle(traffic, sender);
    return sender->missing ? 0 : -ENOMEM;
}

int traffic_init(struct traffic *traffic, struct load *load)
{
    const struct options *options = load->options;
    unsigned slow = options->members * options->slow_percent / 100;

    *traffic = (struct traffic){.load = load, .sender_count = options->rooms * options->senders};
    traffic->readers_of_sender = options->members - slow - !options->dialect->hears_itself;
    traffic->senders = calloc(traffic->sender_count, sizeof(*traffic->senders));
    traffic->text = malloc(options->payload);
    if (!traffic->senders || !traffic->text)
        return -ENOMEM;
    for (unsigned i = 0; i < traffic->sender_count; i++) {
        size_t index = (size_t)(i / options->senders) * options->members + i % options->senders;
        if (init_sender(traffic, &traffic->senders[i], &load->peers[index]) < 0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < load->peer_count; i++) {
        load->peers[i].next = calloc(options->senders, sizeof(*load->peers[i].next));
        if (!load->peers[i].next)
            return -ENOMEM;
    }
    load->listener.on_message = on_message;
    load->listener.arg = traffic;
    return 0;
}

void traffic_done(struct traffic *traffic)
{
    for (unsigned i = 0; traffic->senders && i < traffic->sender_count; i++)
        free(traffic->senders[i].missing);
    free(traffic->senders);
    free(traffic->text);
}
