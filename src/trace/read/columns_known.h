// Known formats of text that its columns describe: a format is a row. Names, help, detection, `sqtail list trace` and
// the table of tests follow from it. In the order in which they are tried; each tells itself by its header, or,
// where it has none in some files or all, by fields, operations and form of its times.
//
// Sources: csv: trace/write/write_csv.c. fio: HOWTO, "Trace file format" (v3: microseconds since the start, which the code
// says, iolog.c). MSR, SYSTOR, Tencent: README of the SNIA IOTTA sets 388, 4928, 27917. Alibaba: README of
// block-traces. FIU: SNIA 390, 391. SPC: SPC Trace File Format, 1.0.1. DiskSim: disksim_iotrace.c, its default format;
// bit 0 of the flags is a read. ssdsim, MQSim: their parsers; 0 is a write there, and 1 in Tencent's.
// biosnoop: bcc, whose time is that of the completion; a request of no bytes has no disk.
#ifndef SQTAIL_TRACE_READ_COLUMNS_KNOWN_H
#define SQTAIL_TRACE_READ_COLUMNS_KNOWN_H

#define COLUMN_FORMAT_LIST(X)                                                                                          \
    X(csv, "csv", "what sqtail trace convert writes",                                                                  \
      "time=1:ns cpu=2 op=3:read,write,flush,trim,write_zeroes offset=4 bytes=5 fua=6 latency=7:ns more=8 "            \
      "device=9 pid=10 separator=comma fields=10 zero=start "                                                           \
      "header=time_ns,cpu,kind,offset,bytes,fua,latency_ns,more,device,pid")                                            \
    X(csv_8, "csv-8", "the same without device and process",                                                           \
      "time=1:ns cpu=2 op=3:read,write,flush,trim,write_zeroes offset=4 bytes=5 fua=6 latency=7:ns more=8 "            \
      "separator=comma fields=8 zero=start header=time_ns,cpu,kind,offset,bytes,fua,latency_ns,more")                  \
    X(fio_v3, "fio-iolog-3", "fio's write_iolog, version 3",                                                           \
      "time=1:us device=2 op=3:read,write,sync|datasync|sync_file_range,trim,,add|open|close offset=4 bytes=5 "        \
      "separator=blank fields=3-5 zero=start header=fio version 3 iolog")                                              \
    X(fio_v2, "fio-iolog-2", "the same of version 2, which has no times but waits",                                    \
      "device=1 op=2:read,write,sync|datasync|sync_file_range,trim,,add|open|close,wait offset=3 bytes=4 wait=3:us "   \
      "separator=blank fields=2-4 zero=start header=fio version 2 iolog")                                              \
    X(biosnoop, "biosnoop", "table of bcc's biosnoop",                                                                 \
      "end=1:s pid=-6 device=-5 op=-4 offset=-3:sectors bytes=-2 latency=-1:ms separator=blank fields=7- other=count " \
      "header=TIME(s) COMM PID DISK T SECTOR BYTES LAT(ms)")                                                           \
    X(biosnoop_q, "biosnoop-q", "the same with the time in queues (-Q)",                                               \
      "end=1:s pid=-7 device=-6 op=-5 offset=-4:sectors bytes=-3 latency=-1:ms separator=blank fields=8- other=count " \
      "header=TIME(s) COMM PID DISK T SECTOR BYTES QUE(ms) LAT(ms)")                                                   \
    X(msr, "msr", "MSR Cambridge",                                                                                     \
      "time=1:100ns device=3 op=4:Read,Write offset=5 bytes=6 latency=7:100ns separator=comma fields=7 times=epoch "   \
      "header=Timestamp,Hostname,DiskNumber,Type,Offset,Size,ResponseTime")                                            \
    X(systor, "systor", "SYSTOR '17",                                                                                  \
      "time=1:s latency=2:s op=3:R,W device=4 offset=5 bytes=6 separator=comma fields=6 other=count times=epoch "      \
      "times=fraction header=Timestamp,Response,IOType,LUN,Offset,Size")                                               \
    X(alibaba, "alibaba", "Alibaba Cloud 2020",                                                                        \
      "device=1 op=2:R,W offset=3 bytes=4 time=5:us separator=comma fields=5 times=epoch")                             \
    X(tencent, "tencent", "Tencent CBS: times in whole seconds",                                                       \
      "time=1:s offset=2:sectors bytes=3:sectors op=4:0,1 device=5 separator=comma fields=5 times=epoch")              \
    X(spc, "spc", "SPC, UMass Financial and WebSearch",                                                                \
      "device=1 offset=2:sectors bytes=3 op=4:R,W time=5:s separator=comma fields=5- times=fraction")                  \
    X(fiu, "fiu", "FIU IODedup and SRCMap",                                                                            \
      "time=1:ns pid=2 op=-4:R,W offset=-6:sectors bytes=-5:sectors separator=blank fields=9-")                        \
    X(fiu_visa, "fiu-visa", "FIU VISA and VPS",                                                                        \
      "time=1:s pid=2 cpu=3 op=-3:R,W offset=-5:sectors bytes=-4:sectors separator=blank fields=9- times=fraction")    \
    X(disksim, "disksim", "DiskSim ASCII",                                                                             \
      "time=1:ms device=2 offset=3:sectors bytes=4:sectors op=5:&1 separator=blank fields=5 times=fraction")           \
    X(ssdsim, "ssdsim", "ssdsim (HUST) and MQSim ASCII; MQSim's unit of time may differ",                              \
      "time=1:ns device=2 offset=3:sectors bytes=4:sectors op=5:1,0 separator=blank fields=5")

#endif
